// The comparison as text: a row for vm-system and one for each peer, with what
// each of them is or the reason why it has no figure.

/** The figure of vm-system-bench that stands for vm-system here. */
export const ownWorkload = 'batch-fresh';
export const ownFigure = 'fresh isolation, sync';

/** The middle of the values; of an even number the mean of the two. */
export function median(values) {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function spread(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/**
 * vm-system's row out of what `vm-system-bench --json` wrote.
 * @param run the document, or undefined when there is none
 */
export function ownRow(run) {
  const row = {
    name: 'vm-system',
    settings: 'batch in process, fresh isolation; each job with its durable '
      + 'record (fsync)',
  };
  const figures = (run?.figures ?? [])
    .filter((x) => x.workload === ownWorkload);
  const rate = figures.find((x) => x.name === ownFigure && x.unit === '1/s');
  if (rate === undefined)
    return { ...row, reason: 'not measured: the run of vm-system-bench has no '
      + `figure "${ownFigure}" of a workload "${ownWorkload}"` };
  const cpu = figures.find((x) => x.name === `${ownFigure}: CPU each`);
  const peak = figures.find((x) => x.name === 'resident memory: peak');
  return { ...row, rate: rate.median, spread: rate.spread, cpu_us: cpu?.median,
    peak_mib: peak?.median };
}

/** A peer's row out of what measure.mjs printed. */
export function peerRow(peer, { measured, peak_kib }) {
  const rates = measured.map((x) => x.jobs_per_s);
  return { name: peer.name, settings: peer.settings, rate: median(rates),
    spread: spread(rates), cpu_us: median(measured.map((x) => x.cpu_us)),
    peak_mib: peak_kib / 1024 };
}

function cells(row, own) {
  const number = (x, digits) => x === undefined ? '-'
    : x.toLocaleString('en-US',
      { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (row.rate === undefined)
    return [row.name, '-', '-', '-', '-', '-', row.reason];
  return [row.name, number(row.rate, 0), `${number(row.spread * 100, 0)} %`,
    number(row.cpu_us, 1), number(row.peak_mib, 0),
    own.rate === undefined ? '-' : `${number(own.rate / row.rate, 2)} x`,
    row.settings];
}

/** @param rows vm-system's first */
export function tableOf(rows) {
  const lines = [
    ['what', 'jobs/s', 'spread', 'CPU us/job', 'peak MiB', 'vm-system is',
      'how'],
    ...rows.map((row) => cells(row, rows[0])),
  ];
  const widths = lines[0].map(
    (_, i) => Math.max(...lines.map((line) => line[i].length)));
  const last = widths.length - 1;
  return lines.map((line) => line.map((cell, i) =>
    i === 0 || i === last ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))
    .join('  ').trimEnd() + '\n').join('');
}
