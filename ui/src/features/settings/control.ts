// A control that shows what is in force: what was not taken is put back. Knows no setting.

/** Waits whether what a person chose is in force now; otherwise the control says again what is. */
export async function chosen(
  control: HTMLInputElement | HTMLSelectElement,
  inForce: string | boolean,
  taken: Promise<boolean>,
): Promise<void> {
  if (await taken) return;
  if (typeof inForce === "string") control.value = inForce;
  else if (control instanceof HTMLInputElement) control.checked = inForce;
}
