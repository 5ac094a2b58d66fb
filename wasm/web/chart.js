export function makeChart() { throw new Error('none'); }
