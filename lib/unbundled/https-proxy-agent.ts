/** Bundled in place of https-proxy-agent, which axios would use behind a proxy: each of our clients has `proxy: false`. */
export default class HttpsProxyAgent {
  constructor() {
    throw new Error('proxies are not supported');
  }
}
