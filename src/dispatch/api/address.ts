/** Where the dispatcher's REST API is, on loopback. */
export const DISPATCH_PORT = 8095;
export const DISPATCH_URL = `http://127.0.0.1:${DISPATCH_PORT}`;
