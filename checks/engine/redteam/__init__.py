"""Hostile and broken submissions, graded as any class is: does a mark go wrong?"""
