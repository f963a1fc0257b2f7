// Asks a Prometheus server what the panels of a dashboard ask it, and what the
// page about operations proposes.
//
//   node panels.mjs URL DASHBOARD PAGE
//
// Exits with 1 when an expression is refused, has no data, or lacks a label
// that its legend names.
import {readFileSync} from 'node:fs';

const [url, dashboardFile, pageFile] = process.argv.slice(2);
const dashboard = JSON.parse(readFileSync(dashboardFile, 'utf8'));

/** What Grafana puts in for a scrape interval of one second and All. */
const variables = {
  $__rate_interval: '4s', $__interval: '1s', $instance: '.*',
};

const filledIn = (expression) =>
  Object.entries(variables)
    .reduce((text, [name, value]) => text.replaceAll(name, value), expression);

/** Prometheus's answer to a question of its API. */
async function ask(path, parameters) {
  const response = await fetch(
    `${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  return response.json();
}

/** What is wrong with the answer to an expression; nothing if it is well. */
async function wrongWith(expression, legend) {
  const end = Date.now() / 1000;
  const answer = await ask('query_range', {
    query: filledIn(expression), start: end - 20, end, step: 1,
  });
  if (answer.status !== 'success')
    return `${answer.errorType}: ${answer.error}`;
  const {result} = answer.data;
  if (result.length === 0)
    return 'no data';
  for (const [, label] of (legend ?? '').matchAll(/{{\s*(\w+)\s*}}/g))
    if (!result.every((series) => label in series.metric))
      return `no label ${label}`;
  return undefined;
}

const failures = [];
const expect = (about, wrong) => wrong && failures.push(`${about}: ${wrong}`);

let asked = 0;
for (const panel of dashboard.panels)
  for (const target of panel.targets ?? []) {
    ++asked;
    const wrong = await wrongWith(target.expr, target.legendFormat);
    expect(`panel "${panel.title}", ${target.refId}: ${target.expr}`, wrong);
  }

// The values among which one chooses.
for (const variable of dashboard.templating.list) {
  const [, metric, label]
    = /^label_values\((\w+), (\w+)\)$/.exec(variable.query.query) ?? [];
  if (variable.type !== 'query')
    continue;
  ++asked;
  const answer = await ask(`label/${label}/values`, {'match[]': metric});
  expect(`variable ${variable.name}`,
         answer.status === 'success' && answer.data.length > 0
           ? undefined : JSON.stringify(answer));
}

// Those of alarms have no data while nothing is wrong.
const section = readFileSync(pageFile, 'utf8').split('### What to watch')[1];
const proposed = [...section.matchAll(/^\| [^|]+\? \| `(.*)` \|$/gm)]
  .map(([, expression]) => expression.replaceAll('\\|', '|'));
expect('the page', proposed.length < 5 ? 'proposes too little' : undefined);
for (const expression of proposed) {
  ++asked;
  const answer = await ask('query', {query: expression});
  expect(expression, answer.status === 'success' ? undefined : answer.error);
}

// What finds nothing wrong must be able to.
expect('an expression with a slip', await wrongWith('sum(rate(x[5m])')
  ? undefined : 'was taken');
expect('a family that is not served', await wrongWith('vm_system_nothing')
  === 'no data' ? undefined : 'has data');
expect('a label that is not there',
       await wrongWith('vm_system_slots', '{{nothing}}') === 'no label nothing'
         ? undefined : 'was found');

for (const failure of failures)
  console.error(failure);
console.log(`${asked} expressions asked, ${failures.length} complaints`);
process.exitCode = failures.length > 0 ? 1 : 0;
