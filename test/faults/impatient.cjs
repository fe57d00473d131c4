// Loaded into the functions of the fault tests (NODE_OPTIONS): a vCenter client waits 27 seconds less for an answer than it was
// told to, so that a call that hangs costs a test 3 seconds, not 30. Whatever waits for less than 30 s is left alone.
const { ClientRequest } = require('node:http');

const LESS_MS = 27_000;
const { setTimeout } = ClientRequest.prototype;
ClientRequest.prototype.setTimeout = function (ms, ...rest) {
  return setTimeout.call(this, ms >= 30_000 ? ms - LESS_MS : ms, ...rest);
};
