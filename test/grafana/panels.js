// What is wrong with what a panel shows, by its type.
'use strict';

const { bars, numbers, series, lines, known } = require('./grafana.js');
const frames = require('./frames.js');
const logql = require('./logql.js');
const { fill, grouping } = require('./dashboards.js');
const tables = require('./tables.js');
const { dead, kept } = require('./links.js');

function stat(panel) {
  const out = [];
  const labels = grouping(panel);
  // Of a query by labels the answer has several.
  const samples = [42.5, 7].slice(0, labels.length === 0 ? 1 : 2)
    .map((value, i) => ({ value, labels: Object.fromEntries(labels.map((l) => [l, `${l} ${i}`])) }));
  const of = (list) => numbers(panel, panel.datasource.type === 'loki' ? frames.loki(list) : frames.prometheus(list));
  const shown = of(samples);
  if (shown.length !== 1 || shown[0].value !== 42.5) {
    out.push(`shows ${shown.map((n) => n.value)}, want the one number of the answer`);
  }
  const empty = of([]);
  if (empty.length !== 1 || empty[0].text !== '0') {
    out.push(`shows ${empty.map((n) => n.text)} where there is nothing, want 0`);
  }
  return out;
}

// In the order of the alphabet, which is not that of the numbers.
const steps = ['-10', '-5', '0', '10', '100', '5'];

function bargauge(panel) {
  const [label] = grouping(panel);
  let shown;
  let want;
  if (panel.datasource.type === 'loki') {
    shown = bars(panel, frames.loki(steps.map((step, i) => ({ value: i + 1, labels: { [label]: step } }))));
    want = steps.map((name, i) => ({ name, value: i + 1 })).sort((a, b) => a.name - b.name);
  } else {
    want = [{ name: 'log', value: 9 }, { name: 'host', value: 2 }];
    shown = bars(panel, frames.prometheus(want.map(({ name, value }) => ({ value, labels: { [label]: name } })), panel.targets[0].legendFormat));
    if (!panel.targets[0].expr.startsWith('sort_desc(')) {
      shown = [];
    }
  }
  return JSON.stringify(shown) === JSON.stringify(want) ? [] : [`draws ${JSON.stringify(shown)}, want ${JSON.stringify(want)}`];
}

// Labels of streams, which each line has.
const always = ['host', 'service_name', 'log', 'level', 'job'];

// nameless reports whether the answer has a series without the label: Grafana
// would call it Value.
function nameless(target, label) {
  return !always.includes(label) && !new RegExp(`\\b${label}(!="|=~?["\`])`).test(target.expr);
}

function timeseries(panel) {
  const out = [];
  const answer = [];
  const want = [];
  const meant = Object.fromEntries(panel.fieldConfig.overrides.map((o) =>
    [o.matcher.options, o.properties.find((p) => p.id === 'color')?.value.fixedColor]));
  for (const target of panel.targets) {
    const legend = target.legendFormat ?? '';
    const labels = grouping(panel, target);
    const named = [...Object.keys(meant), 'ivanov@example.com', 'b'].slice(0, Math.max(2, Object.keys(meant).length));
    const list = labels.length === 0 ? [{ labels: {}, values: [1, null, 2.5] }]
      : named.map((name) => ({ labels: Object.fromEntries(labels.map((l) => [l, name])), values: [1, null, 2.5] }));
    answer.push(...frames.range(list, legend, target.refId));
    want.push(...labels.length === 0 ? [legend] : named);
    if (panel.datasource.type === 'loki') {
      out.push(...labels.filter((l) => nameless(target, l)).map((l) => `lines without ${l} are a series without a name`));
    }
  }
  const shown = series(panel, answer);
  if (shown.map((s) => s.name).join('|') !== want.join('|')) {
    out.push(`legends ${shown.map((s) => s.name).join(', ')}, want ${want.join(', ')}`);
  }
  for (const { name, cells, color } of shown) {
    if (name === '' || /[{}]|^Value\b/.test(name)) {
      out.push(`a raw legend: ${name}`);
    }
    if (cells[1] !== '') {
      out.push(`a hole reads ${cells[1]}`);
    }
    if (meant[name] && color !== meant[name]) {
      out.push(`${name} is ${color}, want ${meant[name]}`);
    }
  }
  return out;
}

// A line as a log has it, and what line_format made of one.
const texts = ['login failed for ivanov@example.com', '3100 ms  SearchRequest'];

function logs(panel) {
  const shown = lines(panel, frames.streams(texts.map((text) => ({ labels: { host: 'mail.example.com', level: 'warn' }, text }))));
  const out = panel.targets.filter((t) => !logql.lines(fill(t.expr))).map((t) => `asks for numbers: ${t.expr}`);
  if (shown.join() !== texts.join()) {
    out.push(`shows the lines ${shown}`);
  }
  if (panel.options.sortOrder !== 'Descending' || !panel.options.wrapLogMessage) {
    out.push('opens at its end, or cuts lines');
  }
  return out;
}

const kinds = { table: tables.problems, stat, bargauge, timeseries, logs };

// problems returns what is wrong with what a panel shows.
function problems(panel) {
  if (!kinds[panel.type]) {
    return [`is a ${panel.type}, which nothing here looks at`];
  }
  const out = [];
  for (const { expr } of panel.targets) {
    if (panel.datasource.type === 'loki') {
      out.push(...logql.problems(fill(expr)));
    }
    if (panel.datasource.type === 'loki' && panel.type !== 'logs' && logql.lines(fill(expr))) {
      out.push(`asks for lines: ${expr}`);
    }
  }
  if (out.length > 0) {
    return out;
  }
  if (!known(panel.fieldConfig.defaults.unit)) {
    out.push(`has the unit ${panel.fieldConfig.defaults.unit}`);
  }
  for (const { url } of panel.links ?? []) {
    const href = url.replace('${__url_time_range}', 'from=now-3h&to=now').replace(/\$\{(\w+):queryparam\}/g, 'var-$1=x');
    out.push(...[...dead(href), ...kept(href)].map((why) => `link ${why}`));
  }
  try {
    return [...out, ...kinds[panel.type](panel)];
  } catch (err) {
    return [...out, err.message];
  }
}

module.exports = { problems };
