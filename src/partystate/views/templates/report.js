// Filters the chronicle by kind and person. The page is complete without it.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const events = [...document.querySelectorAll(".event")];
  const years = [...document.querySelectorAll(".year")];
  const apply = () => {
    const kinds = new Set([...form.querySelectorAll("input:checked")].map((box) => box.value));
    const person = form.elements.person.value;
    let shown = 0;
    for (const event of events) {
      const people = event.dataset.people.split("|");
      event.hidden = !kinds.has(event.dataset.kind) || (person !== "" && !people.includes(person));
      shown += event.hidden ? 0 : 1;
    }
    for (const year of years) year.hidden = !year.querySelector(".event:not([hidden])");
    form.querySelector("output").value = `${shown} of ${events.length} events shown`;
  };
  // A link to an event that a filter hides still has to lead there.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.hidden) return;
    target.hidden = false;
    target.closest(".year").hidden = false;
    target.scrollIntoView();
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  addEventListener("hashchange", reveal);
  apply();
  reveal();
})();
