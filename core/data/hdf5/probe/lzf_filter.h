// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw::h5probe {

/// Makes the LZF filter of h5py (number 32000) known to the library, for reading. Debian's plug-in for it does not load.
void registerLzf();

}  // namespace dw::h5probe
