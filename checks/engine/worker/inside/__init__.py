"""The side beside the learner's code: a process that is warm, forks, and answers.

Flask is imported once. A fork unpacks a lesson's files into a folder of its own,
imports the app as Flask itself finds it, and answers questions about it, or forks
again with the app in it, once for every check. Nothing in here is trusted by the
other side: every answer is the learner's claim.

The learner's process has no module of ours but those of this folder, and they import
nothing else of the engine. The trusted side shares `wire`, and nothing else.
"""
