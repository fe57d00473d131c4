/** Shell programs, as text: they lie beside the bundle. */
declare module '*.sh' {
  const text: string;
  export default text;
}
