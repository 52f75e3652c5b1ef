// SPDX-License-Identifier: GPL-2.0-only
#include "ci/html.h"

/* The style sheet is a file of its own so that it can be edited as one. */
__asm__(".pushsection .rodata, \"a\", @progbits\n"
	".global html_style\n"
	".type html_style, @object\n"
	"html_style:\n"
	".incbin \"ci/report.css\"\n"
	".byte 0\n"
	".size html_style, . - html_style\n"
	".popsection\n");
