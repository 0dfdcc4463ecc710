"""Statistics that watch the officers: numpy and the standard library, no Django, no personal data.

Every test says how sure it is (a p-value, one for the whole report being at most :data:`ALARM` on clean data)
and stays silent where too few are compared. An alarm is a reason to look, never a finding against anybody.
"""

#: Chance of any false alarm in a whole report on clean data.
ALARM = 0.005
