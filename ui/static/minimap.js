// The whole graph on a small canvas, with what is in view framed; the frame can be dragged. The
// dots are drawn once for each change of the graph, the frame on every move.
const MARGIN = 6;

export function minimap(canvas, getGraph) {
  const drawing = canvas.getContext("2d");
  const dots = document.createElement("canvas");
  let map = null;
  let waiting = 0;

  const frame = () => {
    waiting = 0;
    const cy = getGraph();
    drawing.clearRect(0, 0, canvas.width, canvas.height);
    if (!cy || !map) return;
    drawing.drawImage(dots, 0, 0);
    const seen = cy.extent();
    drawing.strokeStyle = getComputedStyle(canvas).color;
    drawing.lineWidth = 2 * map.ratio;
    drawing.strokeRect(
      (seen.x1 - map.left) * map.scale + map.dx, (seen.y1 - map.top) * map.scale + map.dy,
      (seen.x2 - seen.x1) * map.scale, (seen.y2 - seen.y1) * map.scale);
  };

  const paint = () => {
    const cy = getGraph();
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
    map = null;
    if (!cy || !width || cy.nodes().empty()) return frame();
    Object.assign(canvas, { width, height });
    Object.assign(dots, { width, height });
    const spots = cy.nodes().map((node) => ({ ...node.position(), colour: node.data("colour") }));
    const [left, right] = [Math.min(...spots.map((s) => s.x)), Math.max(...spots.map((s) => s.x))];
    const [top, bottom] = [Math.min(...spots.map((s) => s.y)), Math.max(...spots.map((s) => s.y))];
    const room = 2 * MARGIN * ratio;
    const scale = Math.min((width - room) / (right - left || 1), (height - room) / (bottom - top || 1));
    map = { left, top, scale, ratio,
      dx: (width - (right - left) * scale) / 2, dy: (height - (bottom - top) * scale) / 2 };
    const pen = dots.getContext("2d");
    for (const spot of spots) {
      pen.fillStyle = spot.colour;
      pen.fillRect((spot.x - left) * scale + map.dx - ratio, (spot.y - top) * scale + map.dy - ratio, 2 * ratio, 2 * ratio);
    }
    frame();
  };

  const move = (event) => {
    const cy = getGraph();
    if (!cy || !map) return;
    const place = canvas.getBoundingClientRect();
    const x = ((event.clientX - place.left) * map.ratio - map.dx) / map.scale + map.left;
    const y = ((event.clientY - place.top) * map.ratio - map.dy) / map.scale + map.top;
    cy.pan({ x: cy.width() / 2 - x * cy.zoom(), y: cy.height() / 2 - y * cy.zoom() });
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    move(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && move(event));
  return { paint, frame: () => { waiting = waiting || requestAnimationFrame(frame); } };
}
