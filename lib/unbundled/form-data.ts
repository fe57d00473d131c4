/** Bundled in place of form-data, which axios would use for uploads: none is made, and its list of media types is large. */
export default class FormData {
  constructor() {
    throw new Error('form uploads are not supported');
  }
}
