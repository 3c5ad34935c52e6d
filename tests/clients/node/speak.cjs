// Makes the calls of one npm SDK as it is told, a line of JSON each, and answers a line each: {answer} or {error}.
'use strict';

const { createRequire } = require('module');
const path = require('path');
const readline = require('readline');

const [, , folder, told] = process.argv;
const { sdk: name, store, base_url: base } = JSON.parse(told);
const installed = createRequire(path.join(folder, 'package.json'));

function makeSdk() {
  const [id, password] = [store.store_id, store.store_passwd];
  const query = '/validator/api/merchantTransIDvalidationAPI.php';
  if (name === 'sslcommerz-nodejs') {
    const Sdk = installed(name);
    const sdk = new Sdk({ isSandboxMode: true, store_id: id, store_passwd: password });
    return base ? Object.assign(sdk, {
      submit_url: `${base}/gwprocess/v4/api.php`,
      validation_url: `${base}/validator/api/validationserverAPI.php`,
      transaction_url: base + query,
    }) : sdk;
  }
  const Sdk = name === 'sslcommerz' ? installed(name).SslCommerzPayment : installed(name);
  const sdk = new Sdk(id, password, false);
  const asked = `${base}${query}?`;
  return base ? Object.assign(sdk, {
    initURL: `${base}/gwprocess/v4/api.php`,
    validationURL: `${base}/validator/api/validationserverAPI.php?`,
    refundURL: asked,
    refundQueryURL: asked,
    transactionQueryBySessionIdURL: asked,
    transactionQueryByTransactionIdURL: asked,
  }) : sdk;
}

async function answer(sdk, { call, args }) {
  try {
    const given = await sdk[call](...args);
    return given instanceof Error ? { resolved_with: String(given) } : { answer: given };
  } catch (thrown) {
    return { error: String(thrown) };
  }
}

(async () => {
  const sdk = makeSdk();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(sdk, JSON.parse(line)))}\n`);
  }
})();
