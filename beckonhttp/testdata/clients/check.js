// What the clients share: each check has a name, and the first that fails ends the run.
'use strict';
const assert = require('assert');

exports.assert = assert;
exports.now = () => Number(process.argv[4]); // the engine's clock

// refused returns the error of a call, which must be refused with a status.
exports.refused = async (status, call) => {
  try {
    await call();
  } catch (err) {
    assert.strictEqual(err && err.statusCode, status, String(err));
    return err;
  }
  assert.fail('nothing was refused, want ' + status);
};

// run runs checks one after the other.
exports.run = async (checks) => {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
    } catch (err) {
      console.error(name + ':', err);
      process.exit(1);
    }
    console.log('ok ' + name);
  }
};
