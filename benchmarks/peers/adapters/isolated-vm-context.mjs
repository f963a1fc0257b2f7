// isolated-vm: a new context in the worker's one isolate for each job, the
// script compiled once.

import ivm from 'isolated-vm';

export function start() {
  const isolate = new ivm.Isolate({ memoryLimit: 128 });
  const scripts = new Map();
  return {
    run(job) {
      let script = scripts.get(job.input);
      if (script === undefined) {
        script = isolate.compileScriptSync(job.input);
        scripts.set(job.input, script);
      }
      const context = isolate.createContextSync();
      context.global.setSync(
        '__ARGS__', new ivm.ExternalCopy(job.args).copyInto({ release: true }));
      const result = script.runSync(context);
      context.release();
      return result;
    },
  };
}
