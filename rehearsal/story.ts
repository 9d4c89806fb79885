export async function runStory(): Promise<0 | 1> {
  return 0;
}
