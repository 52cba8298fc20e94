// What is wrong with what a table panel shows.
'use strict';

const { table, known } = require('./grafana.js');
const { loki, prometheus } = require('./frames.js');
const { grouping } = require('./dashboards.js');
const { dead, kept } = require('./links.js');

// Numbers of the samples, and texts of their labels: two that could be taken for
// numbers, as queue ids can, one that addresses have a meaning for, and one that
// is not there.
const numbers = [3, 41, 0.5, 1234, 7];
const texts = ['<ivanov&co@example.com>', '4500000000', '7E5', 'mail.example.com', undefined];

// samples gives each label another order of the texts, so that cells of one row
// tell which sample they are of.
function samples(labels) {
  return numbers.map((value, i) => ({
    value,
    labels: Object.fromEntries(labels.map((l, j) => [l, texts[(i + j) % texts.length]]).filter(([, v]) => v !== undefined)),
  }));
}

function frames(panel, list) {
  return panel.datasource.type === 'loki' ? loki(list) : prometheus(list, panel.targets[0].legendFormat);
}

// latest tells a table of the latest of each group from one of all samples.
const latest = (panel) => panel.transformations.some((t) => t.id === 'groupBy');

// A number that is a time stands first, any other last.
const byTime = (panel) => panel.fieldConfig.overrides.some((o) => o.properties.some((p) => p.value === 'dateTimeAsIso'));

function headings(panel, columns, want) {
  const out = [];
  const names = columns.map((c) => c.name);
  const found = names.slice(0, -1);
  const any = byTime(panel) && want.length === found.length && want.every((name) => found.includes(name));
  if (found.join() !== want.join() && !any) {
    out.push(`columns ${names}, want ${want} and a number`);
  }
  for (const name of names) {
    if (!/^[A-Z0-9]/.test(name) || name.includes('_')) {
      out.push(`a raw label for a heading: ${name}`);
    }
  }
  const count = columns.at(-1);
  if (count.type !== 'number' || /^(Value|Max)\b/.test(count.name)) {
    out.push(`last column is ${count.name}, of type ${count.type}`);
  }
  for (const { name, unit } of columns) {
    if (name === count.name ? !unit || unit === 'string' || !known(unit) : unit !== 'string') {
      out.push(`column ${name} has the unit ${unit}`);
    }
  }
  return out;
}

function rows(panel, columns, labels, list) {
  const out = [];
  // Times of deliveries go upwards, all other numbers downwards.
  const up = byTime(panel) && !panel.transformations.findLast((t) => t.id === 'sortBy')?.options.sort[0].desc ? -1 : 1;
  const sorted = list.toSorted((a, b) => up * (b.value - a.value));
  for (const [i, sample] of sorted.entries()) {
    const want = [...labels.map((l) => sample.labels[l] ?? ''), sample.value];
    if (columns.map((c) => c.values[i] ?? '').join('|') !== want.join('|')) {
      out.push(`row ${i} is ${columns.map((c) => c.values[i])}, want ${want}`);
    }
    const cells = columns.slice(0, -1).map((c) => c.cells[i]);
    if (cells.join('|') !== want.slice(0, -1).join('|')) {
      out.push(`row ${i} reads ${cells}, want ${want}`);
    }
    if (/null|undefined|NaN/.test(columns.map((c) => c.cells[i]).join())) {
      out.push(`row ${i} reads ${columns.map((c) => c.cells[i])}`);
    }
  }
  return out;
}

function links(panel, columns) {
  const out = [];
  for (const o of panel.fieldConfig.overrides.filter((o) => o.properties.some((p) => p.id === 'links'))) {
    const column = columns.find((c) => c.name === o.matcher.options);
    if (column?.links.length !== 1) {
      out.push(`no link in column ${o.matcher.options}`);
      continue;
    }
    for (const [row, value] of column.values.entries()) {
      for (const href of value ? column.hrefs(row) : []) {
        out.push(...[...dead(href, value), ...kept(href)].map((why) => `link in column ${column.name} ${why}`));
      }
    }
  }
  return out;
}

// problems returns what is wrong with what a table panel shows.
function problems(panel) {
  const labels = grouping(panel);
  const list = samples(labels);
  const renamed = panel.transformations.find((t) => t.id === 'organize')?.options.renameByName ?? {};
  const heading = (l) => renamed[l] ?? renamed[l + ' (lastNotNull)'] ?? 'a heading for ' + l;
  const shown = table(panel, frames(panel, list));
  if (shown.length !== 1) {
    return [`${shown.length} tables, of which Grafana shows one`];
  }
  if (table(panel, []).flat().length > 0) {
    return ['shows something of nothing'];
  }
  const columns = byTime(panel) && !latest(panel) ? [...shown[0].slice(1), shown[0][0]] : shown[0];
  return [
    ...headings(panel, columns, labels.map(heading)),
    ...latest(panel) ? [] : rows(panel, columns, labels, list),
    ...links(panel, columns),
  ];
}

module.exports = { problems, latest };
