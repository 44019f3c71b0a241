/** `0:07`, `12:40`, `1:02:03`. Never negative, as the clocks of server and terminal may differ. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** An ISO 8601 time as this machine's clock shows it: `09:05:00`. */
export function formatClock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}
