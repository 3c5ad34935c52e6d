// Loaded by Node before a program under `gatewright redirect`: connections to the gateways' hosts go to the simulators.
// The TLS above is untouched: it goes on asking for the certificate of the host that the program named.
'use strict';

const net = require('net');

const hosts = new Set((process.env.GATEWRIGHT_HOSTS || '').split(','));
const [, host, port] = /^(.*):(\d+)$/.exec(process.env.GATEWRIGHT_LISTENER || '') || [];
const isPlayed = (name) => typeof name === 'string' && hosts.has(name.toLowerCase());

if (host) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function redirected(...given) {
    // net.connect() hands on [options, callback] in one array; others call with (options) or with (port, host).
    const isPacked = Array.isArray(given[0]);
    const options = isPacked ? given[0][0] : given[0];
    if (options && typeof options === 'object' && isPlayed(options.host)) {
      // A copy: TLS compares the certificate with the host in the options that the program gave.
      const moved = { ...options, host, port: Number(port) };
      if (isPacked) given[0][0] = moved;
      else given[0] = moved;
    } else if (isPlayed(given[1])) {
      given.splice(0, 2, Number(port), host);
    }
    return connect.apply(this, given);
  };
}
