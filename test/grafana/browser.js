// Grafana's code expects a browser, which happy-dom plays.
'use strict';

const { Window } = require('happy-dom');

globalThis.window = new Window();
globalThis.document = window.document;
globalThis.navigator ??= window.navigator; // Node has its own from 21 on

module.exports = require('@grafana/data');
