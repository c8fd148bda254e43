"""Pictures as documents keep them: upright, of a bounded size, and without what a camera writes beside the picture.

A phone writes place, time and its own number into every photo. Only the pixels are taken over, so that nothing of it
can stay, whatever it is called. Knows Pillow only.
"""

import io

from PIL import Image, ImageOps

LONGEST_EDGE = 1600
"""Pixels of the longer side of a photo: what an A4 sheet shows sharply. The browser shrinks to the same."""

MOST_PIXELS = 60_000_000
"""Pixels of the largest picture that is opened, so that a small file cannot fill the memory."""

QUALITY = 85

KINDS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
"""Formats that are kept, with the ending of their files; any other picture becomes the first of them."""

HARMLESS = {
	*("adobe", "adobe_transform", "aspect", "chromaticity", "dpi", "gamma", "icc_profile", "interlace"),
	*("jfif", "jfif_density", "jfif_unit", "jfif_version", "progression", "progressive", "srgb"),
	*("background", "duration", "loop", "timestamp", "transparency"),
}
"""What may stand beside the pixels: how they are to be shown."""

ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}
"""The last bytes of a picture after which a camera has put nothing of its own."""


class NotAPictureError(ValueError):
	"""The content is no picture, a damaged one, or one that is too large to be opened."""


def clean(content: bytes, longest_edge: int | None = None) -> tuple[bytes, str]:
	"""Return the picture *content* anew from its pixels, and the ending that its file's name has.

	Turned as the camera meant it, and shrunk to *longest_edge* pixels where it is larger. The first picture of
	several. Raises NotAPictureError.
	"""
	try:
		with _opened(content) as image:
			kind = image.format if image.format in KINDS else "JPEG"
			if longest_edge:
				image.draft("RGB", (longest_edge, longest_edge))  # a JPEG is then read no larger than needed
			picture = ImageOps.exif_transpose(image)
			if longest_edge:
				picture.thumbnail((longest_edge, longest_edge), Image.Resampling.LANCZOS)
			picture = picture.convert(_mode(picture, kind))
		bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
		written = io.BytesIO()
		bare.save(written, kind, quality=QUALITY)
	except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
		raise NotAPictureError(str(error)) from error
	return written.getvalue(), KINDS[kind]


def is_clean(content: bytes, longest_edge: int | None = None) -> bool:
	"""Say whether `clean` would have nothing to take away. Raises NotAPictureError."""
	try:
		with _opened(content) as image:
			if image.format not in KINDS or getattr(image, "n_frames", 1) > 1:
				return False
			if longest_edge and max(image.size) > longest_edge:
				return False
			image.load()
			return (
				set(image.info) <= HARMLESS
				and not getattr(image, "private_chunks", None)
				and content.endswith(ENDS.get(image.format, b""))
			)
	except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
		raise NotAPictureError(str(error)) from error


def ending(content: bytes) -> str:
	"""Return the ending of a file's name that tells the kind of the picture *content*."""
	with _opened(content) as image:
		return KINDS.get(image.format, KINDS["JPEG"])


def _opened(content: bytes) -> Image.Image:
	image = Image.open(io.BytesIO(content))
	if image.width * image.height > MOST_PIXELS:
		raise NotAPictureError(f"{image.width} x {image.height} pixels")
	return image


def _mode(picture: Image.Image, kind: str) -> str:
	"""The colours a picture is kept in: grey stays grey, transparency stays where the format knows it."""
	if picture.mode == "L":
		return "L"
	see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
	return "RGBA" if see_through and kind != "JPEG" else "RGB"
