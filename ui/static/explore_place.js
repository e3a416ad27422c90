// Where nodes stand. Pure: positions in, positions out; no layout runs in the browser.

export const GAP = 90; // model units between neighbours: a label fits below a node

// A function that maps the service's coordinates to ours: the same density for any graph.
export function scaler(nodes) {
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const side = Math.max(right - left, bottom - top) || 1;
  const scale = (GAP * 1.3 * Math.sqrt(Math.max(nodes.length, 1))) / side;
  return ({ x, y }) => ({ x: (x - (left + right) / 2) * scale, y: (y - (top + bottom) / 2) * scale });
}

// What is taken, so that asking whether a spot is free does not grow with the graph.
export class Taken {
  constructor(spots = []) {
    this.cells = new Map();
    for (const spot of spots) this.add(spot);
  }

  add({ x, y }) {
    const key = `${Math.floor(x / GAP)},${Math.floor(y / GAP)}`;
    if (!this.cells.has(key)) this.cells.set(key, []);
    this.cells.get(key).push({ x, y });
  }

  isFree({ x, y }, within = GAP * 0.7) {
    const [column, row] = [Math.floor(x / GAP), Math.floor(y / GAP)];
    for (let i = column - 1; i <= column + 1; i += 1) {
      for (let j = row - 1; j <= row + 1; j += 1) {
        for (const spot of this.cells.get(`${i},${j}`) ?? []) {
          if (Math.hypot(spot.x - x, spot.y - y) < within) return false;
        }
      }
    }
    return true;
  }
}

// `count` free spots on rings around a parent, beginning on the side away from `centre`. They are
// taken at once. On rings that are full already nodes would lie on each other: the next is used.
export function placeAround(parent, count, taken, centre = { x: 0, y: 0 }) {
  const away = Math.atan2(parent.y - centre.y, parent.x - centre.x) || 0;
  const spots = [];
  for (let ring = 1; spots.length < count; ring += 1) {
    const radius = GAP * (0.4 + ring);
    const seats = Math.floor((2 * Math.PI * radius) / GAP);
    for (let seat = 0; seat < seats && spots.length < count; seat += 1) {
      // Alternately to the left and to the right of the way out.
      const turn = (seat % 2 ? 1 : -1) * Math.ceil(seat / 2) * ((2 * Math.PI) / seats);
      const spot = { x: parent.x + radius * Math.cos(away + turn), y: parent.y + radius * Math.sin(away + turn) };
      if (!taken.isFree(spot)) continue;
      taken.add(spot);
      spots.push(spot);
    }
  }
  return spots;
}

const LEADING = 24;

// Which labels fit: the most important first, none over another, and none over more than one other
// node. `items`: {x, y, size, width, height, must} in pixels of the screen, in order of importance;
// `must` and the first LEADING may lie over nodes. Returns a Set of indices.
export function fittingLabels(items, screen, most = 90) {
  const shown = new Set();
  const labels = new Cells();
  const nodes = new Cells();
  const onScreen = items.map(({ x, y }) => x >= 0 && y >= 0 && x <= screen.width && y <= screen.height);
  items.forEach(({ x, y, size }, index) => {
    const half = size / 2;
    if (onScreen[index]) nodes.add({ index, left: x - half, right: x + half, top: y - half, bottom: y + half });
  });
  items.forEach((item, index) => {
    if (shown.size >= most || !onScreen[index]) return;
    const box = { index, left: item.x - item.width / 2, right: item.x + item.width / 2,
      top: item.y + item.size / 2, bottom: item.y + item.size / 2 + item.height };
    // The best connected come first, and are what one looks for: they may lie over other nodes.
    const isFree = item.must || index < LEADING || nodes.hit(box).size <= 1;
    if (labels.hit(box).size || !isFree) return;
    labels.add(box);
    shown.add(index);
  });
  return shown;
}

// Boxes by the squares of the screen that they touch.
class Cells {
  constructor() {
    this.cells = new Map();
  }

  add(box) {
    for (const key of Cells.touched(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  // The indices of the boxes, other than its own, that a box overlaps.
  hit(box) {
    const found = new Set();
    for (const key of Cells.touched(box)) {
      for (const other of this.cells.get(key) ?? []) {
        const isOver = box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top;
        if (isOver && other.index !== box.index) found.add(other.index);
      }
    }
    return found;
  }

  static touched({ left, right, top, bottom }) {
    const side = 64;
    const keys = [];
    for (let i = Math.floor(left / side); i <= Math.floor(right / side); i += 1) {
      for (let j = Math.floor(top / side); j <= Math.floor(bottom / side); j += 1) keys.push(`${i},${j}`);
    }
    return keys;
  }
}
