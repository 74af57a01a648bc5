"""Binary renditions that newsrooms push: pictures, sound, moving pictures, PDFs."""
