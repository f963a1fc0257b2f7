// Node's own `vm`: a new context for each job, the script compiled once.

import vm from 'node:vm';

export function start() {
  const scripts = new Map();
  return {
    run(job) {
      let script = scripts.get(job.input);
      if (script === undefined) {
        script = new vm.Script(job.input);
        scripts.set(job.input, script);
      }
      return script.runInContext(vm.createContext({ __ARGS__: job.args }));
    },
  };
}
