// What Grafana does to the answer of a datasource before a panel draws it, by
// Grafana's own code.
'use strict';

const grafana = require('./browser.js');

// Some transformations have two names in the package; the registry takes an id once.
const transformations = new Map(Object.values(grafana.standardTransformers).map((t) => [t.id, t]));
grafana.standardTransformersRegistry.setInit(() =>
  [...transformations.values()].map((t) => ({ id: t.id, name: t.name, transformation: t })));

// The options of fields that the dashboards set and these tests look at. Grafana
// registers them in its application, which is not in the package.
const options = new grafana.Registry(() =>
  ['unit', 'noValue', 'displayName', 'links', 'min', 'max', 'thresholds', 'color', 'mappings'].map((id) => ({
    id, path: id, name: id, process: grafana.identityOverrideProcessor, shouldApply: () => true,
  })));

grafana.locationUtil.initialize({
  config: { appSubUrl: '', appUrl: 'http://grafana.example.com/' }, getVariablesUrlParams: () => ({}), getTimeRangeForUrl: () => ({}),
});

const theme = grafana.createTheme();

// replaceVariables fills in what a link names: the value that was clicked, and
// what the page keeps. A variable that is not there stays as it is, as in Grafana.
function replaceVariables(text, scoped = {}) {
  const { value: context } = scoped.__dataContext ?? {};
  const kept = { __url_time_range: 'from=now-3h&to=now', datasource: 'var-datasource=loki', host: 'var-host=mail.example.com' };
  return text.replace(/\$\{(\w+)(?:\.(\w+))?(?::(\w+))?\}/g, (whole, name, part, format) => {
    if (name === '__value' && part === 'raw' && context) {
      const value = String(context.field.values[context.rowIndex]);
      return format === 'percentencode' ? encodeURIComponent(value) : value;
    }
    return kept[name] ?? whole;
  });
}

// transform runs a panel's transformations, then its options of fields.
function transform(panel, frames) {
  let data;
  grafana.transformDataFrame(panel.transformations ?? [], frames, { interpolate: replaceVariables })
    .subscribe({ next: (out) => { data = out; }, error: (err) => { throw err; } });
  return grafana.applyFieldOverrides({
    data, fieldConfig: panel.fieldConfig, fieldConfigRegistry: options, replaceVariables, theme, timeZone: 'utc',
  });
}

const texts = (field) => field.values.map((value) => grafana.formattedValueToString(field.display(value)));

// table returns the columns that a table panel shows, with the cells as text, and
// where a click on the cell of a row leads.
function table(panel, frames) {
  return transform(panel, frames).map((frame) => frame.fields.map((field) => ({
    name: grafana.getFieldDisplayName(field, frame),
    type: field.type,
    unit: field.config.unit,
    values: field.values,
    cells: texts(field),
    links: field.config.links ?? [],
    hrefs: (row) => field.getLinks({ valueRowIndex: row }).map(({ href }) => href),
  })));
}

// numbers returns what a stat or a bar gauge draws, in this order.
function numbers(panel, frames) {
  return grafana.getFieldDisplayValues({
    data: transform(panel, frames), fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions, replaceVariables, theme, timeZone: 'utc',
  }).map(({ display }) => ({ name: display.title, value: display.numeric, text: grafana.formattedValueToString(display) }));
}

const bars = (panel, frames) => numbers(panel, frames).map(({ name, value }) => ({ name, value }));

// series returns the lines, or the bars, of a graph with their legends.
function series(panel, frames) {
  const data = transform(panel, frames);
  return data.flatMap((frame) => frame.fields.filter((f) => f.type === grafana.FieldType.number).map((field) => ({
    name: grafana.getFieldDisplayName(field, frame, data),
    values: field.values,
    cells: texts(field),
    color: field.config.color?.mode === 'fixed' ? field.config.color.fixedColor : undefined,
  })));
}

// lines returns the lines of a log panel: Grafana takes the first field of texts.
// Source: logsFrame.ts.
function lines(panel, frames) {
  return transform(panel, frames).flatMap((frame) => {
    const of = (type) => frame.fields.find((f) => f.type === type);
    const text = of(grafana.FieldType.string);
    return of(grafana.FieldType.time) && text ? text.values : [];
  });
}

// known reports whether Grafana has a unit of this id.
function known(unit) {
  return /^(prefix|suffix|si|time|count|currency|bool):/.test(unit) || unit === 'string'
    || grafana.getValueFormats().some(({ submenu }) => submenu.some(({ value }) => value === unit));
}

module.exports = { table, bars, numbers, series, lines, known, transform };
