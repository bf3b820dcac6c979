// uWebSockets.js reads its header budget when it is loaded, and its default of 4 KB is less than many shops' cookies.
// Imported before everything else by main.ts.

/** Bytes of request line and headers together; what is over it is answered 431. */
export const headerBytesMax = 57_344;

process.env['UWS_HTTP_MAX_HEADERS_SIZE'] = String(headerBytesMax);
