/** Namespaces in which the tests run; one of users, too, where we are not root. */
export const NAMESPACES = [
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
  ...['--net', '--mount', '--mount-proc', '--pid', '--fork', '--kill-child'],
];
