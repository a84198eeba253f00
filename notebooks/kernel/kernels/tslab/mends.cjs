/**
 * Mends for tslab 1.0.22, made from outside, without touching the package:
 * 1. A failed cell is answered with the error's name, message and trace. (Stock: an empty error, the text only on stderr.)
 * 2. However much a cell prints, every message arrives. (Stock: sends are not awaited, and after 512 in a row they are lost.)
 * 3. After a failure, cells that were already waiting are answered "aborted", and whatever is sent later runs.
 *    (Stock: everything within 200 ms is answered "abort", which clients take for success.)
 * 4. A kernel whose ports were taken meanwhile ends with a line that says so, and Jupyter starts another with other ports.
 *    (Stock: it stays, and nobody can reach it.)
 * 5. A kernel that is asked while it opens its ports answers. (Stock: a socket that is being bound refuses to send or receive,
 *    and whoever listened on it stops.)
 * Beside these it says which cell runs (execute_input), so that cells get their numbers, and a failure in the background,
 * when no cell runs, is shown with the next cell.
 */
const { createRequire } = require('node:module');
const util = require('node:util');
const zmq = createRequire(require.resolve('tslab/dist/jupyter.js'))('zeromq'); // the one that tslab uses, wherever npm put it
const jupyter = require('tslab/dist/jupyter.js');

/** Longer than messages that wait in the socket need to be read, shorter than anybody notices. */
const DRAIN_MS = 50;

/** What tslab's executor reported since the last cell began: one thrown value, or lines of diagnostics. */
let reported = [];
let running = false;
const background = [];

/** tslab's executor keeps the console.error it is started with; the notebook's own code keeps the real one. */
function mendedConsole(start) {
  const original = console.error;
  console.error = (...values) => void reported.push(values);
  try {
    start();
  } finally {
    console.error = original;
  }
  process.on('unhandledRejection', (reason) => remember('UnhandledPromiseRejection', reason));
  process.on('uncaughtException', (error) => remember('UncaughtException', error));
}

function remember(kind, reason) {
  if (!running) background.push(`${kind}: ${util.inspect(reason)}\n`);
}

function mendServer() {
  mendSockets();
  const server = jupyter.ZmqServer.prototype;
  const { bindSocket, init } = server;
  server.init = function () {
    return init.call(this).catch((error) => {
      process.stderr.write(`The kernel could not listen on its ports: ${error.message}\n`);
      process.exit(1);
    });
  };
  server.bindSocket = function (socket, port) {
    if (socket === this.iopub) Object.assign(socket, { sendTimeout: 0, sendHighWaterMark: 0 });
    const bound = bindSocket.call(this, socket, port);
    binding.set(socket, bound);
    return bound.finally(() => binding.delete(socket));
  };

  let turn = Promise.resolve();
  let failures = 0;
  server.handleExecute = async function (socket, message) {
    const send = (type, content, to = this.iopub) => {
      const reply = message.createReply();
      reply.header.msg_type = type;
      reply.content = content;
      reply.signAndSend(this.connInfo.key, to);
    };
    const failuresBefore = failures;
    const stops = message.content.stop_on_error !== false;
    const answer = turn.then(async () => {
      if (stops && failures !== failuresBefore) return { status: 'aborted' };
      const content = await execute(this.handler, message.content, send);
      if (content.status === 'error' && stops) {
        await new Promise((resolve) => setTimeout(resolve, DRAIN_MS)); // until here, whatever was sent before the answer has come in
        failures++;
      }
      return content;
    });
    turn = answer.catch(() => {});
    send('execute_reply', await answer, socket);
  };
}

/** Sockets that are being bound, each with the promise of its end: what one is asked to send or receive meanwhile waits for it. */
const binding = new WeakMap();

function mendSockets() {
  for (const [{ prototype }, names] of [
    [zmq.Publisher, ['send']],
    [zmq.Router, ['send', 'receive']],
    [zmq.Reply, ['send', 'receive']],
  ]) {
    for (const name of names) {
      const method = prototype[name];
      const value = function (...values) {
        const bound = binding.get(this);
        return bound ? bound.then(() => method.apply(this, values)) : method.apply(this, values);
      };
      Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
    }
  }
}

/** Runs one cell, sends its error output if it fails, and gives the content of its reply. */
async function execute(handler, request, send) {
  const writeStream = (name, text) => send('stream', { name, text });
  const writeDisplayData = (data, update) => send(update ? 'update_display_data' : 'display_data', data);
  const count = handler.execCount + 1;
  if (!request.silent) send('execute_input', { code: request.code, execution_count: count });
  for (const text of background.splice(0)) writeStream('stderr', text);
  reported = [];
  running = true;
  try {
    await handler.handleExecuteImpl(request, writeStream, writeDisplayData);
    await new Promise((resolve) => setImmediate(resolve)); // a promise that was rejected meanwhile is reported under this cell
    return { status: 'ok', execution_count: count, user_expressions: {}, payload: [] };
  } catch (thrown) {
    // Whatever goes wrong within tslab itself comes here without a report.
    const error = describe(reported.length === 0 && thrown instanceof Error ? [[thrown]] : reported);
    send('error', error);
    return { status: 'error', execution_count: count, ...error };
  } finally {
    running = false;
  }
}

/** The reported failure as Jupyter wants it. Errors made for people, one line and no defect, are shown without a stack. */
function describe(reports) {
  const [[thrown] = []] = reports;
  if (reports.length === 1 && reports[0].length === 1) {
    if (!(thrown instanceof Error) && !util.types.isNativeError(thrown)) {
      const shown = util.inspect(thrown);
      return { ename: 'Thrown', evalue: shown, traceback: [shown] };
    }
    const { name, message } = thrown;
    return { ename: name, evalue: message, traceback: name === 'InputError' ? [`${name}: ${message}`] : util.inspect(thrown).split('\n') };
  }
  const lines = reports.map((values) => util.format(...values));
  return { ename: 'TypeScript', evalue: lines.join('\n'), traceback: lines };
}

module.exports = { mendServer, mendedConsole };
