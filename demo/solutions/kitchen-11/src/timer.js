/** 95 → `1 h 35 min` */
export function formatMinutes(minutes) {
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
