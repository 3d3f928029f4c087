// Arithmetic on label maps that NiiVue has read.

/** The labels of a NIfTI file of any type, as bytes in the order of the file. */
export function labelValues(header, stored) {
  const slope = header.scl_slope || 1;
  const shift = header.scl_inter || 0;
  return Uint8Array.from(stored, (value) => Math.round(value * slope + shift));
}

/** A label map for counting: its bytes and where they lie. */
export function labelMap(header, voxels) {
  const rows = header.affine;
  return { voxels, size: header.dims.slice(1, 4), affine: rows, voxelMl: Math.abs(determinant(rows)) / 1000 };
}

function determinant(m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
    - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
    + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/** The number of voxels of each value. */
export function counts(map) {
  const found = new Map();
  const histogram = new Float64Array(256);
  map.voxels.forEach((value) => histogram[value]++);
  histogram.forEach((count, value) => count && value && found.set(value, count));
  return found;
}

/** Regions of a label map with their volumes in millilitres. */
export function volumes(map, regions) {
  const found = counts(map);
  return regions.map((region) => ({
    ...region,
    volumeMl: region.labels.reduce((sum, value) => sum + (found.get(value) ?? 0), 0) * map.voxelMl,
  }));
}

/** The position in mm of a labelled voxel near the middle of the slice (the middle one of several) with most; null for an empty map. */
export function largestSlice(map) {
  const [width, height, depth] = map.size;
  const area = width * height;
  const perSlice = new Float64Array(depth);
  map.voxels.forEach((value, i) => value && perSlice[Math.floor(i / area)]++);
  const largest = Math.max(...perSlice);
  if (largest === 0) {
    return null;
  }
  const equal = [...perSlice.keys()].filter((slice) => perSlice[slice] === largest);
  const z = equal[Math.floor(equal.length / 2)];
  const found = [];
  for (let i = 0; i < area; i++) {
    if (map.voxels[z * area + i]) {
      found.push([i % width, Math.floor(i / width)]);
    }
  }
  const middle = [0, 1].map((axis) => found.reduce((sum, p) => sum + p[axis], 0) / found.length);
  const distance = (p) => (p[0] - middle[0]) ** 2 + (p[1] - middle[1]) ** 2;
  const nearest = found.reduce((best, p) => (distance(p) < distance(best) ? p : best));
  return millimetres(map, [...nearest, z]);
}

function millimetres(map, voxel) {
  return [0, 1, 2].map((row) => {
    const r = map.affine[row];
    return r[0] * voxel[0] + r[1] * voxel[1] + r[2] * voxel[2] + r[3];
  });
}

/** Whether two label maps have the same voxels in space, to a hundredth of a millimetre. */
export function sameGrid(a, b) {
  return a.size.every((length, axis) => length === b.size[axis])
    && [0, 1, 2].every((row) => [0, 1, 2, 3].every((column) =>
      Math.abs(a.affine[row][column] - b.affine[row][column]) < 0.01));
}

/**
 * The difference of two label maps within a region: 1 in the first only, 2 in the second only, 3 in both but with labels of
 * different names.
 *
 * @param first map, labels [{value, name}] and region {labels}
 */
export function difference(first, second) {
  const inFirst = membership(first.region.labels);
  const inSecond = membership(second.region.labels);
  const nameOfFirst = new Map(first.labels.map((label) => [label.value, label.name]));
  const nameOfSecond = new Map(second.labels.map((label) => [label.value, label.name]));
  const a = first.map.voxels;
  const b = second.map.voxels;
  const out = new Uint8Array(a.length);
  let both = 0;
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < a.length; i++) {
    if (inFirst[a[i]] && inSecond[b[i]]) {
      both++;
      out[i] = nameOfFirst.get(a[i]) === nameOfSecond.get(b[i]) ? 0 : 3;
    } else if (inFirst[a[i]]) {
      onlyFirst++;
      out[i] = 1;
    } else if (inSecond[b[i]]) {
      onlySecond++;
      out[i] = 2;
    }
  }
  const sum = 2 * both + onlyFirst + onlySecond;
  return { voxels: out, dice: sum ? (2 * both) / sum : 1, onlyFirst, onlySecond };
}

function membership(values) {
  const of = new Uint8Array(256);
  values.forEach((value) => { of[value] = 1; });
  return of;
}
