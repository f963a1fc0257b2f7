// isolated-vm: a new context in the worker's one isolate for each job, the
// script compiled once.

import ivm from 'isolated-vm';

export function start() {
  // Contexts that are over wait for the collector, which a small heap keeps
  // busy: with 128 MiB a job takes a tenth more.
  const isolate = new ivm.Isolate({ memoryLimit: 1024 });
  const scripts = new Map();
  return {
    run(job) {
      let script = scripts.get(job.input);
      if (script === undefined) {
        script = isolate.compileScriptSync(job.input);
        scripts.set(job.input, script);
      }
      const context = isolate.createContextSync();
      context.global.setSync('__ARGS__', job.args, { copy: true });
      const result = script.runSync(context);
      context.release();
      return result;
    },
  };
}
