# The menu. Each line hands its words to `python -m checks.engine`, which knows the
# rest and works the same without make. `make lesson 3` and `make lesson N=3` are one.

PYTHON ?= python3
PY := $(shell .venv/bin/python -ISc "" 2>/dev/null && echo .venv/bin/python || echo '$(PYTHON)')

LEARNER := lesson check hint solution reset undo progress run doctor submit my
KEEPER := correct grade-merge kit notebooks book test test-all bench redteam clean starters pictures
# Folders of these names stand here: without a goal, `make lessons 3` would seem to work.
PLURALS := lessons solutions checks
GOALS := menu help $(LEARNER) $(KEEPER) $(PLURALS)

# The words after the first goal, in single quotes; those that are no goals of their own.
MORE := $(filter-out $(GOALS),$(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS)))
quoted = '$(subst ','\'',$(1))'
WORDS := $(foreach word,$(MORE) $(N),$(call quoted,$(word)))
DO = @$(PY) -m checks.engine $@
# --name 'value', where make was given a value.
option = $(if $($(1)),--$(2) $(call quoted,$($(1))))
GRADING = $(call option,CLASS,class) $(call option,LESSONS,lessons) $(call option,JOBS,jobs)
GRADING += $(call option,TRUST,trust) $(call option,COURSE,course) $(call option,AGAIN,regrade)
GRADING += $(call option,SHARD,shard) $(call option,CLUSTER,cluster)

menu help:  ; @$(PY) -m checks.engine
lesson:     ; $(DO) $(WORDS)
check:      ; $(DO) $(WORDS) $(call option,ROOT,root) $(if $(CLASS),$(GRADING))
correct:    ; $(DO) $(foreach one,CLASS STUDENT STEP POINTS REASON,$(call quoted,$($(one))))
grade-merge: ; $(DO) $(call option,CLASS,class) $(call option,PARTS,parts)
kit:        ; $(DO) $(call option,LESSONS,lessons) $(call option,TO,to)
submit:     ; $(DO) $(call option,LESSONS,lessons) $(call option,TO,to)
hint:       ; $(DO) $(WORDS) $(call option,STEP,step) $(if $(AGAIN),--again)
solution:   ; $(DO) $(WORDS)
reset:      ; $(DO) $(WORDS)
undo:       ; $(DO) $(WORDS)
progress:   ; $(DO) $(WORDS)
run:        ; $(DO) $(WORDS)
doctor:     ; $(DO) $(WORDS)
notebooks:  ; $(DO) $(WORDS)
my:         ; $(DO) $(WORDS)
book:       ; $(DO)
test:       ; $(DO) $(WORDS)
test-all:   ; $(DO) $(WORDS)
bench:      ; $(DO) $(WORDS)
redteam:    ; $(DO) $(WORDS) $(call option,FUZZ,fuzz)
clean:      ; $(DO) $(WORDS)
starters:   ; $(DO) $(WORDS)
pictures:   ; $(DO) $(WORDS)
$(PLURALS): ; $(DO)

# The words themselves are nothing to make.
ifneq ($(filter $(GOALS),$(firstword $(MAKECMDGOALS))),)
$(foreach word,$(MORE),$(eval $(word): ; @:))
endif

.PHONY: $(GOALS) $(MORE)
.DEFAULT_GOAL := menu
