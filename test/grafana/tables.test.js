'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { table } = require('./grafana.js');
const { loki } = require('./frames.js');
const { panels } = require('./dashboards.js');
const { problems, latest } = require('./tables.js');

test('the last state of each service, what stopped first', () => {
  const [panel] = panels('table').filter(latest);
  const state = (target, status, value) => ({ value, labels: { server: 'mail.example.com', target, status } });
  const list = [state('mta', 'running', 100), state('mta', 'stopped', 200), state('ldap', 'stopped', 100), state('ldap', 'running', 300), state('stats', 'running', 50)];
  const shown = table(panel, loki(list));
  assert.equal(shown.length, 1);
  const columns = Object.fromEntries(shown[0].map((c) => [c.name, c.values]));
  const rows = columns.Target.map((target, i) => [target, columns.Status[i], columns.Reported[i]]);
  assert.deepEqual(rows[0], ['mta', 'stopped', 200]);
  assert.deepEqual(rows.slice(1).sort(), [['ldap', 'running', 300], ['stats', 'running', 50]]);
});

test('columns and cells as people read them', () => {
  const rows = (uid, title, list) => {
    const columns = table(panels('table').find((p) => p.uid === uid && p.title === title), loki(list))[0];
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

test('what is wrong with a table is seen', () => {
  const planted = (plant, want) => {
    const panel = structuredClone(panels('table').find((p) => p.uid === 'zimbra-security' && p.title === 'Account and address'));
    assert.deepEqual(problems(panel), []);
    plant(panel, panel.transformations.find((t) => t.id === 'organize').options);
    assert.match(problems(panel).join('\n'), want);
  };
  const user = (p) => p.fieldConfig.overrides.find((o) => o.matcher.options === 'User').properties[0];
  const failures = (p, id) => p.fieldConfig.overrides.find((o) => o.matcher.options === 'Failures').properties.find((q) => q.id === id);
  // It reduces.
  planted((p) => p.transformations.unshift({ id: 'reduce', options: { labelsToFields: true, reducers: ['max'] } }), /columns .*, want User/);
  planted((p) => { p.transformations = []; }, /columns Time,client_ip/);
  planted((_, o) => { o.excludeByName = {}; }, /columns User,Address,Protocol,\S*, want/);
  planted((_, o) => { o.indexByName = {}; }, /columns Address,Protocol,User/);
  planted((_, o) => { o.renameByName = {}; }, /last column is Value #A/);
  planted((_, o) => { o.renameByName.user = 'user'; }, /a raw label for a heading: user/);
  // It is not sorted, or before the columns have their names.
  planted((p) => { p.transformations = p.transformations.filter((t) => t.id !== 'sortBy'); }, /row 0 is/);
  planted((p) => { p.transformations.reverse(); }, /row 0 is/);
  // Units: of texts, of the number.
  planted((p) => { p.fieldConfig.defaults.unit = 'short'; }, /reads .*4\.50 Bil/);
  planted((p) => { failures(p, 'unit').value = 'seconds'; }, /column Failures has the unit seconds/);
  planted((p) => { failures(p, 'unit').value = undefined; }, /column Failures has the unit/);
  planted((p) => { p.fieldConfig.defaults.noValue = 'nothing'; }, /reads .*nothing/);
  // Links: none, to no dashboard, to no variable of it, without the value, as a
  // value that cuts the address, without what the page keeps.
  planted((p) => { user(p).value = []; }, /no link in column User/);
  planted((p) => { user(p).value[0].url = user(p).value[0].url.replace('zimbra-security', 'zimbra-gone'); }, /leads to no dashboard of ours/);
  planted((p) => { user(p).value[0].url = user(p).value[0].url.replace('var-user', 'var-person'); }, /has no variable for var-person/);
  planted((p) => { user(p).value[0].url = user(p).value[0].url.replace('${__value.raw:percentencode}', '${__value.ram}'); }, /is not filled in/);
  planted((p) => { user(p).value[0].url = user(p).value[0].url.replace(':percentencode', ''); }, /loses the value/);
  planted((p) => { user(p).value[0].url = user(p).value[0].url.replace('${__url_time_range}&', ''); }, /loses from/);
});
