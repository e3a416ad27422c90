"""Training of the bundled models: needs the extra ``models`` (torch, onnx)."""
