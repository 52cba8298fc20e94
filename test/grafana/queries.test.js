'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');

const yaml = require('yaml');

const logql = require('./logql.js');
const { root, dashboards, panels, fill } = require('./dashboards.js');

const read = (...names) => yaml.parse(fs.readFileSync(path.join(root, 'conf', ...names), 'utf8'));

// parse wants LogQL in each {where, text}, and at least so many.
function parse(list, atLeast) {
  assert.ok(list.length >= atLeast, `${list.length} queries, want ${atLeast} at least`);
  for (const { where, text } of list) {
    assert.deepEqual(logql.problems(fill(text)), [], where);
  }
}

test('queries of dashboards, of their marks and variables', () => {
  const asked = panels().filter((p) => p.datasource.type === 'loki')
    .flatMap((p) => p.targets.map(({ expr }) => ({ where: `${p.uid}: ${p.title}`, text: expr })));
  const marks = dashboards.flatMap(({ uid, annotations }) =>
    annotations.list.filter((a) => a.expr).map((a) => ({ where: `${uid}: ${a.name}`, text: a.expr })));
  const choices = dashboards.flatMap(({ uid, templating }) =>
    templating.list.filter((v) => v.query?.stream).map((v) => ({ where: `${uid}: ${v.name}`, text: v.query.stream })));
  parse(asked, 140);
  parse(marks, 6);
  parse(choices, 7);
});

test('alerts and recording rules', () => {
  const rules = ['alerts', 'recording'].flatMap((name) => read('loki', 'rules', 'fake', name + '.yaml').groups)
    .flatMap(({ rules }) => rules.map((r) => ({ where: r.alert ?? r.record, text: r.expr })));
  parse(rules, 30);
  const grafana = read('grafana', 'provisioning', 'alerting', 'zimbra.yaml').groups.flatMap(({ rules }) => rules)
    .flatMap((r) => r.data.filter((d) => d.datasourceUid === 'loki').map((d) => ({ where: r.title, text: d.model.expr })));
  parse(grafana, 25);
});

test('questions of correlations', () => {
  const list = read('grafana', 'provisioning', 'datasources', 'zimbraloki.yaml').datasources.flatMap((d) => d.correlations ?? []);
  parse(list.map((c) => ({ where: c.label, text: c.config.target.expr.replaceAll('$$', '$') })), 3);
});

const go = spawnSync('go', ['version']).status === 0;

test('queries of the documentation, and questions of zimbraloki ask', { skip: !go && 'no go' }, () => {
  const text = execFileSync('go', ['run', './dev/docqueries/list'], { cwd: root, encoding: 'utf8' });
  parse(JSON.parse(text), 150);
});

test('what is no LogQL is seen', () => {
  const f = (text, want) => assert.match(logql.problems(text).join(), want);
  f('{job="zimbra"', /no LogQL at 13/);
  f('{job="zimbra"} | outcome="a" |', /no LogQL at/);
  f('sum by (a (rate({job="zimbra"}[5m]))', /no LogQL at/);
  f('count_over_time({job="zimbra"})', /no LogQL at/);
  f('{job="zimbra"} | json | line_format', /no LogQL at/);
  f('{job="zimbra"} |= zimbra', /no LogQL at/);
  f('', /no LogQL at/);
});
