// What Grafana does to the answer of a datasource before a panel draws it, by
// Grafana's own code. It expects a browser, which happy-dom plays.
'use strict';

const { Window } = require('happy-dom');

globalThis.window = new Window();
globalThis.document = window.document;
globalThis.navigator ??= window.navigator; // Node has its own from 21 on

const grafana = require('@grafana/data');

// Some transformations have two names in the package; the registry takes an id once.
const transformations = new Map(Object.values(grafana.standardTransformers).map((t) => [t.id, t]));
grafana.standardTransformersRegistry.setInit(() =>
  [...transformations.values()].map((t) => ({ id: t.id, name: t.name, transformation: t })));

// The options of fields that the dashboards set and these tests look at. Grafana
// registers them in its application, which is not in the package.
const options = new grafana.Registry(() =>
  ['unit', 'noValue', 'links', 'min', 'max', 'thresholds', 'color'].map((id) => ({
    id, path: id, name: id, process: grafana.identityOverrideProcessor, shouldApply: () => true,
  })));

const theme = grafana.createTheme();
const replaceVariables = (text) => text;

// transform runs a panel's transformations, then its options of fields.
function transform(panel, frames) {
  let data;
  grafana.transformDataFrame(panel.transformations ?? [], frames, { interpolate: replaceVariables })
    .subscribe({ next: (out) => { data = out; }, error: (err) => { throw err; } });
  return grafana.applyFieldOverrides({
    data, fieldConfig: panel.fieldConfig, fieldConfigRegistry: options, replaceVariables, theme, timeZone: 'utc',
  });
}

// table returns the columns that a table panel shows, with the cells as text.
function table(panel, frames) {
  return transform(panel, frames).map((frame) => frame.fields.map((field) => ({
    name: grafana.getFieldDisplayName(field, frame),
    type: field.type,
    values: field.values,
    cells: field.values.map((value) => grafana.formattedValueToString(field.display(value))),
    links: field.config.links ?? [],
  })));
}

// bars returns what a bar gauge draws, in this order.
function bars(panel, frames) {
  return grafana.getFieldDisplayValues({
    data: transform(panel, frames), fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions, replaceVariables, theme, timeZone: 'utc',
  }).map(({ display }) => ({ name: display.title, value: display.numeric }));
}

module.exports = { table, bars };
