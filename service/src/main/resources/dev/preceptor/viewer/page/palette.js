// The colours of regions, those of the reports.

const NAMED = {
  WT: '#4fb3f6', TC: '#f5d547', ET: '#ff6f91', NETC: '#8ce99a', SNFH: '#c9a0ff', RC: '#ffa94d',
};

/** By place, for regions without a colour of their own. */
const BY_PLACE = `
  #4fb3f6 #f5d547 #ff6f91 #8ce99a #c9a0ff #ffa94d #2d2db3 #b3432d #9f40ff #2db32d #2d70b3 #ffffb3
  #b38659 #862db3 #ff40ff #36d936 #d93687 #a1b37d #2d9cb3 #80ffff #ffb3ff #9580ff #80d4ff #4040ff
  #ff4040 #bfff40 #d936d9 #b32d86 #987db3 #4080ff #40ff40 #36d9be #d96cc7 #8659b3 #ffccb3 #b36859
  #2db39c #3636d9 #ad98d9 #d9916c #ff80d4 #2d86b3 #bfffb3 #a3d936 #b39c2d #7e6cd9 #d93636 #ffff40
  #98b8d9 #4060ff #2d59b3 #d9ad98 #d96c7e #d580ff #b359b3 #ffb3b3 #80eaff #ff409f #ffe6b3 #409fff
  #d998b8 #7da1b3 #d9ce98 #d9a336`.trim().split(/\s+/);

/** The two label maps of a comparison where they differ: those of student and teacher in the reports, and a third. */
export const DIFFERENCE = { first: '#56b4e9', second: '#f0a53a', other: '#c9a0ff' };

/** The colour of a region among the names of all regions of its label map. */
export function regionColour(name, names) {
  if (NAMED[name]) {
    return NAMED[name];
  }
  const taken = names.map((other) => NAMED[other]).filter(Boolean);
  const free = BY_PLACE.filter((colour) => !taken.includes(colour));
  const before = names.slice(0, names.indexOf(name)).filter((other) => !NAMED[other]).length;
  return free[before % free.length];
}

/** The colour of a label: that of the smallest region that contains it; grey if none does. */
export function labelColour(value, regions) {
  const names = regions.map((region) => region.name);
  const containing = regions
    .filter((region) => region.labels.includes(value))
    .sort((a, b) => a.labels.length - b.labels.length);
  return containing.length ? regionColour(containing[0].name, names) : '#8b949e';
}

/** Red, green and blue, each 0 to 255. */
export function rgb(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}
