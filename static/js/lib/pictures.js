/* Called for every file before it is sent. Resolves to what is sent instead, or to null when the person stopped. */
export async function prepare(file) {
  return file;
}
