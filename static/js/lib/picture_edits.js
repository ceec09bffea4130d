/* The arithmetic of blurring and cropping: sizes and rectangles in pixels of the picture, without a canvas. */

const CELLS_ACROSS = 3;
const SMALLEST_CELL_SHARE = 1 / 100;
const FRAME_SHARE = 1 / 4;
const STEP_SHARE = 1 / 50;
const TAP_SHARE = 1 / 10;
const FACE_MARGIN_SHARE = 1 / 4;

/* A size in the same proportions with no side longer than a limit. */
export function fitted({ width, height }, limit) {
  const scale = Math.min(1, limit / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/* The rectangle with these opposite corners, in whole pixels within the picture. It may be empty. */
export function between(from, to, bounds) {
  const x = clamp(Math.floor(Math.min(from.x, to.x)), 0, bounds.width);
  const y = clamp(Math.floor(Math.min(from.y, to.y)), 0, bounds.height);
  const right = clamp(Math.ceil(Math.max(from.x, to.x)), 0, bounds.width);
  const bottom = clamp(Math.ceil(Math.max(from.y, to.y)), 0, bounds.height);
  return { x, y, width: right - x, height: bottom - y };
}

/* What a tap blurs: a square about as large as a face in a picture of a few people. */
export function aroundTap({ x, y }, bounds) {
  const reach = Math.max(bounds.width, bounds.height) * TAP_SHARE * 0.5;
  return between({ x: x - reach, y: y - reach }, { x: x + reach, y: y + reach }, bounds);
}

/* What blurs a face that was found: hair and chin are recognised too. */
export function aroundFace({ x, y, width, height }, bounds) {
  const [across, down] = [width * FACE_MARGIN_SHARE, height * FACE_MARGIN_SHARE];
  return between({ x: x - across, y: y - down }, { x: x + width + across, y: y + height + down }, bounds);
}

/* The frame that the keyboard begins with. */
export function middle(bounds) {
  const side = Math.round(Math.min(bounds.width, bounds.height) * FRAME_SHARE) || 1;
  return { x: (bounds.width - side) >> 1, y: (bounds.height - side) >> 1, width: side, height: side };
}

/* The frame after an arrow key: moved, or its right or lower side moved; within the picture, and never empty. */
export function stepped(frame, key, { sizes }, bounds) {
  const step = Math.max(1, Math.round(Math.max(bounds.width, bounds.height) * STEP_SHARE));
  const across = { ArrowLeft: -step, ArrowRight: step }[key] ?? 0;
  const down = { ArrowUp: -step, ArrowDown: step }[key] ?? 0;
  if (sizes) {
    const width = clamp(frame.width + across, Math.min(step, bounds.width), bounds.width - frame.x);
    const height = clamp(frame.height + down, Math.min(step, bounds.height), bounds.height - frame.y);
    return { ...frame, width, height };
  }
  const x = clamp(frame.x + across, 0, bounds.width - frame.width);
  const y = clamp(frame.y + down, 0, bounds.height - frame.height);
  return { ...frame, x, y };
}

/* Into how few cells a rectangle is averaged: so few that neither a face nor a name is left in them. */
export function cellsOf({ width, height }, bounds) {
  const smallest = Math.max(bounds.width, bounds.height) * SMALLEST_CELL_SHARE;
  const side = Math.max(1, smallest, Math.min(width, height) / CELLS_ACROSS);
  return { columns: Math.max(1, Math.round(width / side)), rows: Math.max(1, Math.round(height / side)) };
}

/* The average colour of each cell, row by row, of pixels with four bytes each. Nothing else of them is used, so nobody can
 * compute the picture back. */
export function averages(pixels, { width, height }, { columns, rows }) {
  const sums = new Float64Array(columns * rows * 5);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x += 1) {
      const cell = (row + Math.floor((x * columns) / width)) * 5;
      const pixel = (y * width + x) * 4;
      for (let part = 0; part < 4; part += 1) sums[cell + part] += pixels[pixel + part];
      sums[cell + 4] += 1;
    }
  }
  const found = new Uint8ClampedArray(columns * rows * 4);
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const count = sums[cell * 5 + 4] || 1;
    for (let part = 0; part < 4; part += 1) found[cell * 4 + part] = sums[cell * 5 + part] / count;
  }
  return found;
}

/* A file's name with the ending of the type that it has now. */
export function renamed(name, type) {
  const ending = type.split("/").pop().replace("jpeg", "jpg");
  return `${name.replace(/\.[^.]*$/, "") || name}.${ending}`;
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
