import type { AxiosInstance } from 'axios';
import { fromFault, notAuthorized, sessionEnded, VSphereError, vCenterBusy } from './errors.ts';
import { ANSWER_SECONDS, connectionError, type Endpoint, openTransport } from './transport.ts';
import { envelope, list, type Ref, readBody, text, toRef, type Xml } from './xml.ts';

/** A vCenter and who signs in to it. */
export interface Connection extends Endpoint {
  user: string;
  password: string;
}

/** The objects of ServiceContent that are used. */
export interface Content {
  rootFolder: Ref;
  propertyCollector: Ref;
  viewManager: Ref;
  searchIndex: Ref;
  sessionManager: Ref;
  taskManager: Ref;
  about: { name: string; version: string; instanceUuid: string };
}

const SERVICE_INSTANCE: Ref = { type: 'ServiceInstance', value: 'ServiceInstance' };
/** A service beside vim25 on the same server: where it answers, and its namespace. It takes the session from a SOAP header. */
export interface Service {
  path: string;
  namespace: string;
}
/** How long a refused password is not tried again: accounts are locked by too many tries. */
const REFUSED_MS = 60_000;

/** Where a session is kept while nobody uses it. */
export interface SessionKeeper {
  /** Shown by the vCenter with the session, so that an administrator sees whose it is. */
  userAgent: string;
  /** The cookie of a session that was opened before. */
  cookie?: string;
  /** Told of a new session before anything is done with it. */
  signedIn(cookie: string): Promise<void>;
}

/**
 * A vCenter (vSphere Web Services API). It signs in when it is first used, keeps the session by its cookie, and signs in
 * again once when the vCenter has forgotten it. A password that was refused is not tried again for a minute.
 */
export class VCenter {
  readonly #connection: Connection;
  readonly #http: AxiosInstance;
  #cookie: string | undefined;
  #keeper: SessionKeeper | undefined;
  #content: Promise<Content> | undefined;
  #login: Promise<void> | undefined;
  #doubtful = false;
  #refused: { at: number; error: Error } | undefined;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#http = openTransport(connection);
  }

  /** Makes a client; nothing is sent yet. */
  static connect(connection: Connection): VCenter {
    return new VCenter(connection);
  }

  /** Whether a session may have been opened whose cookie nobody has: the answer to the login was lost. */
  get doubtful(): boolean {
    return this.#doubtful;
  }

  /** Goes on with the session of a keeper; where it has none, a new one is opened when it is first needed. */
  resume(keeper: SessionKeeper): void {
    this.#keeper = keeper;
    this.#cookie = keeper.cookie;
    this.#doubtful = false;
    this.#login = keeper.cookie ? Promise.resolve() : undefined;
  }

  /** What the vCenter says of itself; read once. */
  async content(): Promise<Content> {
    this.#content ??= this.#send('RetrieveServiceContent', SERVICE_INSTANCE, {}).then(readContent);
    this.#content.catch(() => {
      this.#content = undefined;
    });
    return await this.#content;
  }

  /**
   * Calls a method of a managed object, signed in.
   * @param args in the order of the WSDL
   * @param waitSeconds that the method itself may take before it answers
   * @param service another than vim25
   * @returns the `returnval`s
   * @throws VSphereError
   */
  async call(method: string, self: Ref, args: Xml = {}, waitSeconds = 0, service?: Service): Promise<Xml[]> {
    await this.#signIn();
    const cookie = this.#cookie;
    try {
      return await this.#send(method, self, args, waitSeconds, service);
    } catch (error) {
      if (!isSessionEnd(error)) throw error;
      this.#forget(cookie);
      await this.#signIn();
      return await this.#send(method, self, args, waitSeconds, service);
    }
  }

  /**
   * Runs what makes objects that live in the session, such as views and collectors: again from the start where the session
   * ended meanwhile, and they with it.
   */
  async inSession<T>(run: () => Promise<T>): Promise<T> {
    await this.#signIn();
    const cookie = this.#cookie;
    try {
      return await run();
    } catch (error) {
      if (isSessionEnd(error)) this.#forget(cookie);
      else if (!(error instanceof VSphereError) || this.#cookie === cookie) throw error;
      return await run();
    }
  }

  /** Forgets a session that has ended; of several calls that find out, the first. */
  #forget(cookie: string | undefined): void {
    if (this.#cookie !== cookie) return;
    this.#login = undefined;
    this.#cookie = undefined;
  }

  /** Ends the session. */
  async logout(): Promise<void> {
    if (!this.#login) return;
    this.#login = undefined;
    await this.#send('Logout', (await this.content()).sessionManager, {}).catch(() => undefined);
    this.#cookie = undefined;
  }

  async #signIn(): Promise<void> {
    if (this.#refused && this.#refused.at > Date.now() - REFUSED_MS) throw this.#refused.error;
    this.#login ??= this.#signInNow();
    try {
      await this.#login;
    } catch (error) {
      this.#login = undefined;
      throw error;
    }
  }

  async #signInNow(): Promise<void> {
    const { user, password, url } = this.#connection;
    const { sessionManager } = await this.content();
    try {
      await this.#send('Login', sessionManager, { userName: user, password });
    } catch (error) {
      if (!(error instanceof VSphereError) || error.fault !== 'InvalidLogin') {
        this.#doubtful = true;
        throw error;
      }
      const refused = notAuthorized(
        `${url} refuses the user ${user} with this password. Update the connection's password.`,
        error.fault,
      );
      this.#refused = { at: Date.now(), error: refused };
      throw refused;
    }
    if (this.#cookie) await this.#keeper?.signedIn(this.#cookie);
  }

  async #send(method: string, self: Ref, args: Xml, waitSeconds = 0, service?: Service): Promise<Xml[]> {
    // The session's id without the cookie's name and quotes.
    const session = this.#cookie?.replace(/^[^=]*=/, '').replaceAll('"', '');
    const request = service
      ? envelope(method, self, args, service.namespace, { vcSessionCookie: session })
      : envelope(method, self, args);
    const answer = await this.#http
      .post(service ? new URL(service.path, this.#connection.url).href : '', request, {
        timeout: (ANSWER_SECONDS + waitSeconds) * 1000,
        headers: {
          ...(this.#cookie && { cookie: this.#cookie }),
          ...(this.#keeper && { 'user-agent': this.#keeper.userAgent }),
          ...(service && { SOAPAction: service.namespace }),
        },
      })
      .catch((error) => {
        throw connectionError(error, this.#connection.url);
      });
    const cookie = answer.headers['set-cookie']?.find((each) => each.startsWith('vmware_soap_session='));
    if (cookie) this.#cookie = cookie.split(';')[0];
    if (answer.status === 503) throw vCenterBusy(`${this.#connection.url} has too much to do (503): ${method}`);
    const body = this.#read(String(answer.data), method);
    if (body.Fault) throw readFault(body.Fault, method);
    if (answer.status !== 200)
      throw vCenterBusy(`${this.#connection.url} answers ${method} with HTTP ${answer.status}`);
    const response = body[`${method}Response`];
    if (response === undefined) throw this.#notSoap(method);
    return list(response.returnval);
  }

  /** A proxy's page must not be taken for a vCenter without VMs. */
  #read(document: string, method: string): Xml {
    try {
      return readBody(document) ?? {};
    } catch {
      throw this.#notSoap(method);
    }
  }

  #notSoap(method: string): VSphereError {
    const { url } = this.#connection;
    return vCenterBusy(`${url} answers ${method} with something that is not SOAP: is there a proxy before it?`);
  }
}

const isSessionEnd = (error: unknown) => error instanceof VSphereError && error.fault === 'NotAuthenticated';

function readContent([content]: Xml[]): Content {
  const ref = (name: string) => toRef(content[name]);
  return {
    rootFolder: ref('rootFolder'),
    propertyCollector: ref('propertyCollector'),
    viewManager: ref('viewManager'),
    searchIndex: ref('searchIndex'),
    sessionManager: ref('sessionManager'),
    taskManager: ref('taskManager'),
    about: {
      name: text(content.about.fullName),
      version: text(content.about.version),
      instanceUuid: text(content.about.instanceUuid),
    },
  };
}

function readFault(fault: Xml, what: string): VSphereError {
  const [element, detail] = Object.entries<Xml>(fault.detail ?? {})[0] ?? ['', {}];
  const type = detail?.['@type'] ?? element.replace(/Fault$/, '');
  const message = text(fault.faultstring);
  if (type === 'NotAuthenticated') return sessionEnded(what);
  return fromFault(type || 'RuntimeFault', message, what);
}
