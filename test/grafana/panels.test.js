'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { dashboards, panels } = require('./dashboards.js');
const { problems } = require('./panels.js');

for (const { uid } of dashboards) {
  test(`every panel of ${uid}`, () => {
    const list = panels().filter((p) => p.uid === uid);
    assert.ok(list.length > 5);
    for (const panel of list) {
      assert.deepEqual(problems(panel), [], `${uid}: ${panel.title}`);
    }
  });
}

test('each type of panel is looked at, over each datasource', () => {
  const kinds = new Set(panels().map((p) => `${p.type} over ${p.datasource.type}`));
  for (const kind of ['table', 'stat', 'bargauge', 'timeseries'].flatMap((k) => [`${k} over loki`, `${k} over prometheus`]).concat('logs over loki')) {
    assert.ok(kinds.has(kind), `no ${kind}`);
  }
});

// planted changes a good panel: it must be seen.
function planted(uid, title, plant, want) {
  const panel = structuredClone(panels().find((p) => p.uid === uid && p.title === title));
  assert.deepEqual(problems(panel), []);
  plant(panel);
  assert.match(problems(panel).join('\n'), want);
}

test('what is wrong with a number is seen', () => {
  const f = (plant, want) => planted('zimbra-mail-flow', 'Received', plant, want);
  f((p) => { p.targets[0].expr = p.targets[0].expr.replace('sum(', 'sum by (host) ('); }, /shows 7, want the one number/);
  f((p) => { p.targets[0].expr = p.targets[0].expr.replace('sum(', '('); }, /a series for each set of labels/);
  f((p) => { p.options.reduceOptions.calcs = ['count']; }, /shows 1, want the one number/);
  f((p) => { p.options.reduceOptions.fields = '/^Time$/'; }, /want the one number/);
  f((p) => { delete p.fieldConfig.defaults.noValue; }, /where there is nothing, want 0/);
  f((p) => { p.fieldConfig.defaults.unit = 'shorts'; }, /has the unit shorts/);
  f((p) => { p.targets[0].expr = '{job="zimbra"}'; }, /asks for lines/);
});

test('what is wrong with a gauge is seen', () => {
  const f = (plant) => planted('zimbra-content', 'Scores', plant, /draws/);
  f((p) => { p.options.reduceOptions.values = false; }); // without values
  f((p) => { p.transformations = []; });
  f((p) => { p.transformations = p.transformations.filter((t) => t.id !== 'sortBy'); });
  f((p) => { p.transformations.find((t) => t.id === 'organize').options.renameByName = { 'Value #A': 'Mails' }; });
  f((p) => { p.transformations.pop(); });
  planted('zimbra-shipper', 'Values of labels', (p) => { p.options.reduceOptions.limit = 1; }, /draws/);
  planted('zimbra-shipper', 'Values of labels', (p) => { p.targets[0].legendFormat = ''; }, /draws/);
});

test('what is wrong with a graph is seen', () => {
  const f = (plant, want) => planted('zimbra-security', 'Logins by outcome', plant, want);
  f((p) => { p.fieldConfig.defaults.noValue = 'nothing'; }, /a hole reads nothing/);
  f((p) => { p.targets[0].legendFormat = ''; }, /a raw legend: \{outcome=/);
  f((p) => { p.targets[0].legendFormat = 'logins'; }, /legends logins, logins.*, want/);
  f((p) => { p.fieldConfig.defaults.displayName = 'Value #A'; }, /a raw legend: Value #A/);
  f((p) => { p.targets[0].expr = p.targets[0].expr.replace(/ \| outcome=~"[^"]*"/, ''); }, /lines without outcome are a series without a name/);
  f((p) => { p.fieldConfig.overrides[0].properties[0].value.mode = 'palette-classic'; }, /is undefined, want/);
  f((p) => { p.transformations = [{ id: 'reduce', options: { reducers: ['max'] } }]; }, /legends/);
});

test('what is wrong with a log is seen', () => {
  const f = (plant, want) => planted('zimbra-message-trace', 'Every line', plant, want);
  f((p) => { p.transformations = [{ id: 'organize', options: { excludeByName: { Line: true } } }]; }, /shows the lines/);
  f((p) => { p.targets[0].expr = 'sum(rate({job="zimbra"}[1m]))'; }, /asks for numbers/);
  f((p) => { p.options.sortOrder = 'Ascending'; }, /opens at its end/);
});

test('what is wrong with any panel is seen', () => {
  planted('zimbra-overview', 'Deliveries', (p) => { p.type = 'piechart'; }, /which nothing here looks at/);
  planted('zimbra-overview', 'Deliveries', (p) => { p.targets[0].expr = p.targets[0].expr.replace(')', ''); }, /no LogQL at/);
  planted('zimbra-overview', 'Deliveries', (p) => { p.links[0].url = p.links[0].url.replace('zimbra-', 'zimbra-no-'); }, /leads to no dashboard of ours/);
  planted('zimbra-overview', 'Deliveries', (p) => { p.links[0].url = p.links[0].url.replace('${datasource:queryparam}', ''); }, /loses var-datasource/);
});
