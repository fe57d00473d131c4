/** Bundled in place of the XML parser's judge of entities that a document declares itself: none is accepted. */
export const isUnsafe = () => true;
export const HTML = {};
export const XML = {};
