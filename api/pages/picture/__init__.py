"""
The picture of a whole time in care: drawn on the server, without a script, and told once more in words beside it.

`scale` puts days on a line, `marks` puts what was said and decided on it without one covering another, `bands` puts
homes, orders, contact and gaps on it, `drawing` stacks the lanes, `telling` says the same in words. All places across
are hundredths of the width, so that one drawing fits a phone and a desk; what is grouped differs, so there are two.
"""

from api.pages.picture.drawing import Picture, picture_of

__all__ = ["Picture", "picture_of"]
