'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { table } = require('./grafana.js');
const { loki, prometheus } = require('./frames.js');
const { panels, grouping } = require('./dashboards.js');

// Numbers of the samples, and texts of their labels: two that could be taken for
// numbers, as queue ids can, and one that is not there.
const numbers = [3, 41, 0.5, 1234, 7];
const texts = ['ivanov@example.com', '4500000000', '7E5', 'mail.example.com', undefined];

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

// problems returns what is wrong with what a table panel shows.
function problems(panel) {
  const labels = grouping(panel);
  const list = samples(labels);
  const renamed = panel.transformations.find((t) => t.id === 'organize')?.options.renameByName ?? {};
  const headings = labels.map((l) => renamed[l] ?? 'a heading for ' + l);
  const shown = table(panel, frames(panel, list));
  if (shown.length !== 1) {
    return [`${shown.length} tables, of which Grafana shows one`];
  }
  const byTime = panel.fieldConfig.overrides.some((o) => o.properties.some((p) => p.value === 'dateTimeAsIso'));
  const columns = byTime ? [...shown[0].slice(1), shown[0][0]] : shown[0];
  const out = [];
  const names = columns.map((c) => c.name);
  // The number stands last; a time stands first.
  const order = (list) => list.join() === headings.join()
    || byTime && headings.length === list.length && list.every((name) => headings.includes(name));
  if (!order(names.slice(0, -1))) {
    out.push(`columns ${names}, want ${headings} and a number`);
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
  // Times of deliveries go upwards, all other numbers downwards.
  const up = byTime && !panel.transformations.findLast((t) => t.id === 'sortBy')?.options.sort[0].desc ? -1 : 1;
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
  }
  for (const o of panel.fieldConfig.overrides) {
    if (o.properties.some((p) => p.id === 'links') && columns.find((c) => c.name === o.matcher.options)?.links.length !== 1) {
      out.push(`no link in column ${o.matcher.options}`);
    }
  }
  return out;
}

// One table shows the latest of each group, not all samples: it has a test of its own.
const latest = (panel) => panel.transformations.some((t) => t.id === 'groupBy');
const tables = panels('table').filter((panel) => !latest(panel));

test('the last state of each service, what stopped first', () => {
  const [panel] = panels('table').filter(latest);
  const state = (target, status, value) => ({ value, labels: { server: 'mail.example.com', target, status } });
  const list = [state('mta', 'running', 100), state('mta', 'stopped', 200), state('ldap', 'stopped', 100), state('ldap', 'running', 300), state('stats', 'running', 50)];
  const shown = table(panel, loki(list));
  assert.equal(shown.length, 1);
  assert.deepEqual(shown[0].map((c) => c.name), ['Host', 'Target', 'Status', 'Reported']);
  const rows = shown[0][1].values.map((target, i) => [target, shown[0][2].values[i], shown[0][3].values[i]]);
  assert.deepEqual(rows[0], ['mta', 'stopped', 200]);
  assert.deepEqual(rows.slice(1).sort(), [['ldap', 'running', 300], ['stats', 'running', 50]]);
});

test('every table shows its labels, named, in order, the greatest number first', () => {
  assert.ok(tables.length > 0);
  for (const panel of tables) {
    assert.deepEqual(problems(panel), [], `${panel.uid}: ${panel.title}`);
  }
});

test('no table fails where there is nothing', () => {
  for (const panel of tables) {
    assert.deepEqual(table(panel, []).flat(), [], `${panel.uid}: ${panel.title}`);
  }
});

test('columns and cells as people read them', () => {
  const rows = (uid, title, list) => {
    const columns = table(tables.find((p) => p.uid === uid && p.title === title), loki(list))[0];
    return [columns.map((c) => c.name), ...list.map((_, i) => columns.map((c) => c.cells[i]))];
  };
  assert.deepEqual(rows('zimbra-security', 'Account and address', [
    { value: 27, labels: { user: 'ivanov@example.org', client_ip: '198.51.100.23', protocol: 'soap' } },
    { value: 1740, labels: { user: '1001', client_ip: '198.51.100.23', protocol: 'imap' } },
  ]), [
    ['User', 'Address', 'Protocol', 'Failures'],
    ['1001', '198.51.100.23', 'imap', '1.74 K'],
    ['ivanov@example.org', '198.51.100.23', 'soap', '27'],
  ]);
  assert.deepEqual(rows('zimbra-mailbox', 'SOAP requests by duration', [
    { value: 812, labels: { action: 'SearchRequest' } },
    { value: 4100, labels: { action: 'SendMsgRequest' } },
  ]), [['Action', '95 %'], ['SendMsgRequest', '4.10 s'], ['SearchRequest', '812 ms']]);
});

test('what is wrong is seen', () => {
  const planted = (plant, want) => {
    const panel = structuredClone(tables.find((p) => p.uid === 'zimbra-security' && p.title === 'Account and address'));
    assert.deepEqual(problems(panel), []);
    plant(panel, panel.transformations.find((t) => t.id === 'organize').options);
    assert.match(problems(panel).join('\n'), want);
  };
  planted((p) => p.transformations.unshift({ id: 'reduce', options: { labelsToFields: true, reducers: ['max'] } }), /columns .*, want User/);
  planted((p) => { p.transformations = []; }, /columns Time,client_ip/);
  planted((_, o) => { o.excludeByName = {}; }, /columns User,Address,Protocol,\S*, want/);
  planted((_, o) => { o.indexByName = {}; }, /columns Address,Protocol,User/);
  planted((_, o) => { o.renameByName = {}; }, /last column is Value #A/);
  planted((_, o) => { o.renameByName.user = 'user'; }, /a raw label for a heading: user/);
  planted((p) => { p.transformations = p.transformations.filter((t) => t.id !== 'sortBy'); }, /row 0 is/);
  planted((p) => { p.transformations.reverse(); }, /row 0 is/);
  planted((p) => { p.fieldConfig.defaults.unit = 'short'; }, /reads 4\.50 Bil/);
  planted((p) => { p.fieldConfig.defaults.noValue = 'nothing'; }, /reads .*nothing/);
  planted((p) => { p.fieldConfig.overrides.find((o) => o.matcher.options === 'User').properties[0].value = []; }, /no link in column User/);
});
