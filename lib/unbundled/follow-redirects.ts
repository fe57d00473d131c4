/** Bundled in place of follow-redirects: each of our clients has `maxRedirects: 0`, and then axios does not use it. */
export default { http: undefined, https: undefined };
