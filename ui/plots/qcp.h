// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// qcustomplot.h writes Qt's keywords, which this program turns off (torch headers use `slots` as a name). They are lent
// to it for the length of that one header, so that the rest of the room stays without them like all others.
#define signals Q_SIGNALS
#define slots Q_SLOTS
#define foreach(variable, container) for (variable : container)
#include <qcustomplot.h>
#undef foreach
#undef slots
#undef signals
