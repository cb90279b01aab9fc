// How long the title is, while it is being written.
const title = document.querySelector("#title");
const count = document.querySelector("#count");
title.addEventListener("input", () => { count.value = title.value.length + " of 100"; });
