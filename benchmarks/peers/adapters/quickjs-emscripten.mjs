// quickjs-emscripten: a new runtime with a new context for each job, in the
// worker's one module. It has no way to keep a compiled script.

import { getQuickJS } from 'quickjs-emscripten';

export async function start() {
  const quickjs = await getQuickJS();
  return {
    run(job) {
      const context = quickjs.newContext();
      try {
        const args = context.unwrapResult(
          context.evalCode(`(${JSON.stringify(job.args)})`));
        context.setProp(context.global, '__ARGS__', args);
        args.dispose();
        const value = context.unwrapResult(context.evalCode(job.input));
        const result = context.getString(value);
        value.dispose();
        return result;
      } finally {
        // A context that was made alone owns its runtime.
        context.dispose();
      }
    },
  };
}
