'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { bars } = require('./grafana.js');
const { loki, prometheus } = require('./frames.js');
const { panels, grouping } = require('./dashboards.js');

const gauges = panels('bargauge');

// In the order of the alphabet, which is not that of the numbers.
const steps = ['-10', '-5', '0', '10', '100', '5'];

function drawn(panel) {
  const label = grouping(panel)[0];
  return bars(panel, loki(steps.map((step, i) => ({ value: i + 1, labels: { [label]: step } }))));
}

const want = [
  { name: '-10', value: 1 }, { name: '-5', value: 2 }, { name: '0', value: 3 },
  { name: '5', value: 6 }, { name: '10', value: 4 }, { name: '100', value: 5 },
];

test('bars over Loki: one a label, named by it, in the order of numbers', () => {
  const list = gauges.filter((p) => p.datasource.type === 'loki');
  assert.ok(list.length > 0);
  for (const panel of list) {
    assert.deepEqual(drawn(panel), want, `${panel.uid}: ${panel.title}`);
  }
});

test('more bars than Grafana draws unasked', () => {
  const panel = gauges.find((p) => p.title === 'Scores');
  const many = Array.from({ length: 40 }, (_, i) => ({ value: 1, labels: { from_score: String(5 * i) } }));
  assert.equal(bars(panel, loki(many)).length, 40);
});

test('bars over Prometheus: one a series, named by its legend, as the query sorts them', () => {
  const list = gauges.filter((p) => p.datasource.type === 'prometheus');
  assert.ok(list.length > 0);
  for (const panel of list) {
    const [query] = panel.targets;
    assert.match(query.expr, /^sort_desc\(/, panel.title);
    const label = grouping(panel)[0];
    const answer = [{ value: 9, labels: { [label]: 'log' } }, { value: 2, labels: { [label]: 'host' } }];
    assert.deepEqual(bars(panel, prometheus(answer, query.legendFormat)),
      [{ name: 'log', value: 9 }, { name: 'host', value: 2 }], `${panel.uid}: ${panel.title}`);
  }
});

test('what is wrong is seen', () => {
  const planted = (plant) => {
    const panel = structuredClone(gauges.find((p) => p.title === 'Scores'));
    plant(panel);
    assert.notDeepEqual(drawn(panel), want);
  };
  planted((p) => { p.options.reduceOptions.values = false; });
  planted((p) => { p.transformations = []; });
  planted((p) => { p.transformations = p.transformations.filter((t) => t.id !== 'sortBy'); });
  planted((p) => { p.transformations.find((t) => t.id === 'organize').options.renameByName = { 'Value #A': 'Mails' }; });
  planted((p) => { p.transformations.pop(); });
});
