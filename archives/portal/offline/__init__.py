"""The portal without reception: the questions as data for the phone, and taking in what it kept.

Everything is derived from the questions and flows beside it: a new question works offline by itself. A field
that depends on earlier answers is found by watching which answers the question reads
(:mod:`archives.portal.offline.variants`).
"""
